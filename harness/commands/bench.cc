#include "harness/commands/commands.h"
namespace assay::harness { void add_bench(CLI::App&, Action&) {} }
