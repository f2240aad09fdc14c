# assay_room(NAME LIBRARIES...): the static library of one room, from every .cc file below its folder.
# assay_part(NAME FOLDER LIBRARIES...): the same for a folder inside a room.
# Files named *_avx2.cc and the like are compiled for that instruction set; which of them runs is chosen at run time.
function(assay_room name)
  assay_part(${name} "" ${ARGN})
endfunction()

function(assay_part name folder)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cc)
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  add_library(assay_${name} STATIC ${sources})
  target_include_directories(assay_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(assay_${name} PUBLIC fmt::fmt ${ARGN})
  foreach(source ${sources})
    if(source MATCHES "_avx2\\.cc$")
      set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS "-mavx2;-mfma;-mf16c")
    elseif(source MATCHES "_avx512\\.cc$")
      set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS "-mavx512f;-mavx512bw;-mavx512vl;-mavx512dq;-mfma;-mf16c")
    elseif(source MATCHES "_avx512bf16\\.cc$")
      set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS "-mavx512f;-mavx512bw;-mavx512vl;-mavx512dq;-mavx512bf16;-mfma;-mf16c")
    elseif(source MATCHES "_amx\\.cc$")
      set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS
        "-mavx512f;-mavx512bw;-mavx512vl;-mavx512dq;-mavx512bf16;-mamx-tile;-mamx-bf16;-mfma;-mf16c")
    endif()
  endforeach()
endfunction()

# assay_compiles_quickly(TARGET...): for rooms in which nobody waits for the processor. Half of the time of -O3 goes into
# them, and the first build is what a new user waits for. What they compute is the same: no option here moves a bit.
function(assay_compiles_quickly)
  foreach(target ${ARGN})
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  endforeach()
endfunction()

# assay_tests(NAME LIBRARIES...): one GoogleTest program of every .cc file below the current folder.
function(assay_tests name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  if(NOT sources)
    message(WARNING "${name} has no tests yet")
    return()
  endif()
  add_executable(${name}_tests ${sources})
  target_link_libraries(${name}_tests PRIVATE assay_test_support GTest::gtest_main ${ARGN})
  # What is tested keeps its optimisation; the tests' own code is compiled quickly.
  target_compile_options(${name}_tests PRIVATE $<$<CONFIG:Release>:-O1>)
  if(ASSAY_SANITIZE)
    # Undefined behaviour is looked for in what is tested: in the tests' own code it would treble the time to compile.
    target_compile_options(${name}_tests PRIVATE -O0 -fno-sanitize=undefined)
  endif()
  add_test(NAME ${name} COMMAND ${name}_tests WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
endfunction()
