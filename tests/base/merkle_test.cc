#include "base/merkle.h"

#include <gtest/gtest.h>

#include <iostream>
#include <set>

#include "base/entropy.h"
#include "base/error.h"
#include "base/hash.h"

namespace assay {
namespace {

// The inputs and roots of Certificate Transparency's reference tests of RFC 6962.
const std::vector<std::string> kInputs = {"",
                                          std::string("\0", 1),
                                          "\x10",
                                          "\x20\x21",
                                          "\x30\x31",
                                          "\x40\x41\x42\x43",
                                          "\x50\x51\x52\x53\x54\x55\x56\x57",
                                          "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"};
const std::vector<std::string> kRoots = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                         "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                         "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                         "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                         "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                         "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                         "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                         "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

TEST(Merkle, KnownRoots) {
  EXPECT_EQ(merkle_root({}), sha256_hex(""));
  std::vector<std::string> leaves;
  for (size_t i = 0; i < kInputs.size(); ++i) {
    leaves.push_back(merkle_leaf(kInputs[i]));
    EXPECT_EQ(merkle_root(leaves), kRoots[i]) << i + 1 << " leaves";
  }
  std::cout << leaves.size() << " roots\n";
}

// Whatever is done to a list of up to 40 leaves moves its root.
TEST(Merkle, EveryChangeMovesTheRoot) {
  std::vector<std::string> leaves;
  std::set<std::string> roots;
  size_t lists = 0;
  const auto add = [&](const std::vector<std::string>& list) {
    roots.insert(merkle_root(list));
    ++lists;
  };
  for (int n = 1; n <= 40; ++n) {
    leaves.push_back(merkle_leaf("leaf " + std::to_string(n)));
    add(leaves);
    for (size_t i = 0; i < leaves.size(); ++i) {
      std::vector<std::string> changed = leaves;
      changed[i] = merkle_leaf("other");
      add(changed);
      std::vector<std::string> doubled = leaves;
      doubled.insert(doubled.begin() + static_cast<ptrdiff_t>(i), leaves[i]);
      add(doubled);
    }
  }
  EXPECT_EQ(roots.size(), lists);
  std::cout << lists << " lists, as many roots\n";
}

TEST(Merkle, ANodeIsNoLeaf) {
  const std::vector<std::string> leaves = {merkle_leaf("a"), merkle_leaf("b")};
  EXPECT_NE(merkle_leaf("a"), sha256_hex("a"));
  EXPECT_NE(merkle_root(leaves), merkle_leaf(leaves[0] + leaves[1]));
  for (const std::string& wrong : {std::string("abc"), std::string(64, 'G'), std::string(64, 'A')}) {
    EXPECT_THROW(merkle_root({wrong, leaves[0]}), Error) << wrong;
  }
}

TEST(Entropy, IsHexadecimalAndNotTheSameTwice) {
  std::set<std::string> drawn;
  for (int i = 0; i < 100; ++i) drawn.insert(random_hex(16));
  EXPECT_EQ(drawn.size(), 100u);
  for (const std::string& text : drawn) {
    EXPECT_EQ(text.size(), 32u);
    EXPECT_EQ(text.find_first_not_of("0123456789abcdef"), std::string::npos) << text;
  }
  std::set<uint64_t> seeds;
  for (int i = 0; i < 10; ++i) seeds.insert(random_seed());
  EXPECT_GT(seeds.size(), 5u);
  EXPECT_LT(*seeds.rbegin(), uint64_t{1} << 32);
}

}  // namespace
}  // namespace assay
