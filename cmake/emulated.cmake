# assay_emulated_kernels(NAME CHECKED SOURCES...): an object library of CUDA sources that g++ compiles for the emulation
# (tests/emulation), with every memory access reported to the race checker where CHECKED is true. Its name for
# target_link_libraries brings the emulation with it.
function(assay_emulated_kernels name checked)
  set_source_files_properties(${ARGN} PROPERTIES LANGUAGE CXX)
  add_library(${name} OBJECT ${ARGN})
  target_include_directories(${name} BEFORE PRIVATE ${PROJECT_SOURCE_DIR}/tests/emulation/include)
  # Kernels read rows of 16-bit numbers as 16-byte vectors.
  target_compile_options(${name} PRIVATE -fno-strict-aliasing)
  if(checked)
    # The compiler reports each access; the functions that it calls are the checker's, not the thread sanitizer's. A loop
    # that became a call of memset would escape.
    target_compile_options(${name} PRIVATE -fsanitize=thread -fno-tree-loop-distribute-patterns)
    target_link_libraries(${name} PUBLIC assay_emulation_checked)
  else()
    target_link_libraries(${name} PUBLIC assay_emulation)
  endif()
endfunction()
