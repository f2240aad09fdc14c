// ldmatrix and mma, by the PTX ISA's "Matrix fragments for mma.m16n8k16" and "ldmatrix".
#pragma once

#include <cstdint>
#include <source_location>

namespace assay::emulation {

void load_matrix_x4(uint32_t (&registers)[4], const void* row, bool transposed, const std::source_location& where);

// How many 16-bit types the product knows.
enum class HalfType { kBf16, kF16 };

// d += a * b, products exact, sums in f32 from k = 0 to 15.
void matrix_product(HalfType type, float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2],
                    const std::source_location& where);

}  // namespace assay::emulation
