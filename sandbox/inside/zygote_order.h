// What a slot sends to an interpreter that waits to be forked: this struct as one packet, with the job's descriptors in
// the order of their numbers, then the lifeline and the report pipe.
#pragma once

#include <cstdint>

#include "sandbox/inside/layers.h"
#include "sandbox/limits.h"

namespace assay::sandbox {

inline constexpr int kZygoteControl = 3;  // descriptor of the socket in the interpreter

struct ZygoteOrder {
  Limits limits;
  Confinement confinement;
  int32_t in_own_jail = 0;  // nonzero: in the interpreter's own jail (keep_in_own_jail)
};

}  // namespace assay::sandbox
