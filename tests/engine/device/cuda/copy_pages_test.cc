#include "engine/device/cuda/kernels/copy_pages.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "engine/device/page.h"
#include "tests/engine/device/cuda/elements.h"

namespace assay::engine::cuda {
namespace {

TEST(CudaCopyPages, IndependentCopies) {
  struct Case {
    std::vector<DeviceCopy> copies;
    size_t independent;
  };
  const std::vector<Case> cases{
      {{}, 0},
      {{{1, 2, 5}}, 1},
      {{{1, 2, 5}, {1, 3, 5}, {4, 5, 1}}, 3},  // one page may be read by all
      {{{1, 2, 5}, {2, 3, 5}}, 1},             // reads what was written
      {{{1, 2, 5}, {3, 2, 5}}, 1},             // writes it again
      {{{1, 2, 5}, {3, 4, 5}, {5, 1, 5}}, 2},  // writes what is read
  };
  for (const Case& c : cases) EXPECT_EQ(independent_copies(c.copies), c.independent) << c.copies.size();
}

TEST(CudaCopyPages, CopiesInOrderMoveWhatTheyShould) {
  const int pages = 6;
  const std::vector<DeviceCopy> copies{{0, 1, 7}, {2, 3, 32}, {1, 4, 9}, {5, 0, 1}, {3, 2, 0}};
  size_t compared = 0;
  for (const NamedType& type : all_types()) {
    for (const auto& [kv_heads, head_dim] : {std::pair{2, 6}, {1, 20}, {3, 64}, {8, 128}, {1, 3}}) {
      const size_t chunk = static_cast<size_t>(kPageTokens * head_dim);
      const size_t page = 2 * static_cast<size_t>(kv_heads) * chunk;
      const std::vector<float> before = rounded(type.type, random_normal(page * pages, 3));
      std::vector<float> expected = before;
      for (const DeviceCopy& copy : copies) {
        for (size_t part = 0; part < 2 * static_cast<size_t>(kv_heads); ++part) {
          std::copy_n(expected.begin() + static_cast<ptrdiff_t>(static_cast<size_t>(copy.from) * page + part * chunk),
                      copy.tokens * head_dim,
                      expected.begin() + static_cast<ptrdiff_t>(static_cast<size_t>(copy.to) * page + part * chunk));
        }
      }
      Elements cache(type.type, before);
      const assay::testing::DeviceBuffer<DeviceCopy> list(copies);
      for (size_t done = 0; done < copies.size();) {
        const size_t count = independent_copies(std::span(copies).subspan(done));
        copy_pages(nullptr, type.type,
                   {.cache = cache.data(),
                    .copies = list.data() + done,
                    .count = static_cast<int>(count),
                    .kv_heads = kv_heads,
                    .head_dim = head_dim});
        done += count;
      }
      EXPECT_EQ(different_bits(cache.download(), expected), 0U) << type.name << " " << kv_heads << " " << head_dim;
      compared += expected.size();
    }
  }
  std::cout << "copy_pages: " << compared << " values, 0 differences wanted\n";
  EXPECT_GT(compared, 0U);
}

}  // namespace
}  // namespace assay::engine::cuda
