// Processor time of a job as a whole, for process 1 of its pid namespace. No exceptions and no allocation: see
// keeper.h.
#pragma once

namespace assay::sandbox {

// Seconds that the other processes which this /proc shows have used, threads and children that they have waited for
// included. The kernel counts these in hundredths of a second. 0 where there is no /proc.
double processor_seconds_of_others();

}  // namespace assay::sandbox
