# assay_kernel_tests(NAME KERNELS SOURCES... TESTS_MAIN FILE LIBRARIES...): one GoogleTest program of every *_test.cc of
# the current folder and the CUDA sources, which g++ compiles for the emulation (tests/emulation). NAME_tests has plain
# kernels, NAME_checked_tests (not with sanitizers) the same tests and kernels whose every access the race checker sees.
# FILE replaces GoogleTest's main.
function(assay_kernel_tests name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TESTS_MAIN" "KERNELS;LIBRARIES")
  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cc)
  add_library(${name}_cases OBJECT ${tests} ${arg_TESTS_MAIN}
    ${PROJECT_SOURCE_DIR}/tests/engine/device/cuda/emulated_memory.cc)
  target_link_libraries(${name}_cases PRIVATE assay_emulation assay_test_support GTest::gtest ${arg_LIBRARIES})
  target_compile_options(${name}_cases PRIVATE $<$<CONFIG:Release>:-O1>)

  assay_emulated_kernels(${name}_kernels ${arg_KERNELS})
  assay_kernel_test_program(${name} assay_emulation)
  if(NOT ASSAY_SANITIZE)
    # The compiler reports each access; the functions that it calls are the checker's, not the thread sanitizer's. A loop
    # that became a call of memset would escape.
    assay_emulated_kernels(${name}_checked_kernels ${arg_KERNELS})
    target_compile_options(${name}_checked_kernels PRIVATE -O1 -g1 -fsanitize=thread
      -fno-tree-loop-distribute-patterns)
    assay_kernel_test_program(${name}_checked assay_emulation_checked)
  endif()
endfunction()

# An object library of CUDA sources that g++ compiles for the emulation.
function(assay_emulated_kernels name)
  set_source_files_properties(${ARGN} PROPERTIES LANGUAGE CXX)
  add_library(${name} OBJECT ${ARGN})
  target_include_directories(${name} BEFORE PRIVATE ${PROJECT_SOURCE_DIR}/tests/emulation/include)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE fmt::fmt)
  # Kernels read rows of 16-bit numbers as 16-byte vectors.
  target_compile_options(${name} PRIVATE -fno-strict-aliasing)
endfunction()

# Inside assay_kernel_tests.
function(assay_kernel_test_program program emulation)
  add_executable(${program}_tests $<TARGET_OBJECTS:${name}_cases> $<TARGET_OBJECTS:${program}_kernels>)
  target_link_libraries(${program}_tests PRIVATE ${emulation} assay_test_support GTest::gtest ${arg_LIBRARIES})
  if(NOT arg_TESTS_MAIN)
    target_link_libraries(${program}_tests PRIVATE GTest::gtest_main)
  endif()
  add_test(NAME ${program} COMMAND ${program}_tests WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
endfunction()
