#include "harness/terminal.h"

#include <gtest/gtest.h>

namespace assay::harness {
namespace {

TEST(Terminal, ALocalesNameSaysItsCharacters) {
  for (const char* name : {"C.UTF-8", "C.utf8", "de_DE.UTF-8", "ja_JP.utf8", "UTF-8", "de_DE.UTF-8@euro"}) {
    EXPECT_TRUE(is_utf8_locale(name)) << name;
  }
  for (const char* name : {"", "C", "POSIX", "de_DE", "de_DE.ISO-8859-1", "ja_JP.EUC-JP", "\xff"}) {
    EXPECT_FALSE(is_utf8_locale(name)) << name;
  }
}

}  // namespace
}  // namespace assay::harness
