// The functions in the symbol table of the running program (ELF, .symtab).
#pragma once

#include <string>
#include <vector>

namespace assay::emulation {

struct Symbol {
  const void* address = nullptr;
  std::string mangled;
};

std::vector<Symbol> functions_of_this_program();
// As it is where it is no C++ name.
std::string demangled(const std::string& mangled);

}  // namespace assay::emulation
