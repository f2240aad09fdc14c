// Requests that nobody should send, and what is answered to each.
#pragma once

#include <string>
#include <vector>

namespace assay::testing {

struct Attack {
  const char* what;
  std::string bytes;  // PORT stands for the port, COOKIE for a session's cookie, OPEN for the open assignment
  int status;         // 0: the connection ends without an answer
};

std::vector<Attack> attacks();

}  // namespace assay::testing
