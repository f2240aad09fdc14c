// GPT-2's byte alphabet (Radford et al. 2019, encoder.py, bytes_to_unicode): each byte is written as one printable code
// point. Printable bytes of Latin-1 stand for themselves, the others for U+0100 onwards in order.
#pragma once

#include <string>
#include <string_view>

namespace assay::engine {

char32_t byte_to_code_point(unsigned char byte);
// The byte that a code point stands for, or -1.
int code_point_to_byte(char32_t code_point);

// Each byte of `bytes` written in the alphabet, as UTF-8.
std::string to_byte_alphabet(std::string_view bytes);
// Appends the bytes that `text` stands for and returns true; appends nothing and returns false where a code point of it
// is not in the alphabet.
bool append_from_byte_alphabet(std::string_view text, std::string& bytes);

}  // namespace assay::engine
