#include "harness/cli.h"

int main(int argc, char** argv) {
  return assay::harness::run_command_line(argc, argv);
}
