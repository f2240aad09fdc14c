#include "datasets/folders.h"

#include <gtest/gtest.h>

namespace assay::datasets {
namespace {
TEST(Placeholder, Builds) { EXPECT_FALSE(data_folders("a").empty()); }
}  // namespace
}  // namespace assay::datasets
