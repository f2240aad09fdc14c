// Landlock: file access, TCP, signals and abstract sockets, restricted by the process itself (landlock(7)).
#pragma once

namespace assay::sandbox {

// Reading and executing everywhere, writing only to /tmp and devices, no TCP, no signals or abstract sockets across the
// border, as far as the running kernel knows these. Needs no_new_privs. False with errno where the kernel has none.
bool restrict_with_landlock();

}  // namespace assay::sandbox
