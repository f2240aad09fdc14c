#include "tests/emulation/symbols.h"

#include <cxxabi.h>
#include <elf.h>
#include <link.h>

#include <cstdlib>
#include <cstring>

#include "base/file.h"

namespace assay::emulation {
namespace {

// Where the program was loaded, against the addresses in its file.
uintptr_t load_offset() {
  uintptr_t offset = 0;
  // The first object that is reported is the program itself.
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* result) {
        *static_cast<uintptr_t*>(result) = info->dlpi_addr;
        return 1;
      },
      &offset);
  return offset;
}

template <typename T>
T value_at(const std::string& file, size_t offset) {
  T value;
  std::memcpy(&value, file.data() + offset, sizeof(T));
  return value;
}

}  // namespace

// The file is the program that runs, which the loader has read before us: its offsets are trusted.
std::vector<Symbol> functions_of_this_program() {
  const std::string file = read_file("/proc/self/exe");
  const auto header = value_at<Elf64_Ehdr>(file, 0);
  const uintptr_t offset = load_offset();
  const auto section = [&](size_t index) {
    return value_at<Elf64_Shdr>(file, header.e_shoff + index * header.e_shentsize);
  };
  std::vector<Symbol> functions;
  for (size_t index = 0; index < header.e_shnum; ++index) {
    const Elf64_Shdr table = section(index);
    if (table.sh_type != SHT_SYMTAB) continue;
    const Elf64_Shdr names = section(table.sh_link);
    for (size_t at = 0; at < table.sh_size; at += sizeof(Elf64_Sym)) {
      const auto symbol = value_at<Elf64_Sym>(file, table.sh_offset + at);
      if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_shndx == SHN_UNDEF) continue;
      functions.push_back({reinterpret_cast<const void*>(offset + symbol.st_value),
                           std::string(file.data() + names.sh_offset + symbol.st_name)});
    }
  }
  return functions;
}

std::string demangled(const std::string& mangled) {
  int status = 0;
  char* text = abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, &status);
  if (text == nullptr) return mangled;
  std::string name = text;
  std::free(text);
  return name;
}

}  // namespace assay::emulation
