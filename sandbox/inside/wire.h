// How the program and assay-jail talk: packets on one SOCK_SEQPACKET socket, each with a file in memory that holds the
// fields. A packet's own bytes are empty but for one, so its size has no limit of the socket's. Also what an
// interpreter reads as its job (values.py).
//
// Errors: std::runtime_error.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sandbox/inside/sys.h"

namespace assay::sandbox {

using Fields = std::vector<std::string>;

// Each field: its length as 32 bits, little-endian, and its bytes. Read-only for whoever receives it.
Fd fields_in_memory(const Fields& fields);

void send_fields(int socket, const Fields& fields);
// Empty at the end of the conversation.
std::optional<Fields> receive_fields(int socket);

// A file in memory with these bytes, read-only.
Fd bytes_in_memory(const std::string& bytes);

}  // namespace assay::sandbox
