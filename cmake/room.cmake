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

# assay_compiles_together(ROOM...): in the optimised build the files of a folder share two compilations: alone, each would
# spend three seconds on the headers of JSON, nine on those of the command line. The first build is what a new user waits
# for. Names in unnamed namespaces must differ within a folder; the sanitizers compile file by file.
function(assay_compiles_together)
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Release")
    return()
  endif()
  foreach(room ${ARGN})
    # A type with a member of an unnamed namespace stays in its file, though the compiler sees it in another.
    target_compile_options(assay_${room} PRIVATE -Wno-subobject-linkage)
    set_target_properties(assay_${room} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
    get_target_property(sources assay_${room} SOURCES)
    foreach(source ${sources})
      get_filename_component(folder ${source} DIRECTORY)
      get_filename_component(folder ${folder} NAME)
      get_filename_component(name ${source} NAME)
      set(half 2)
      if(name MATCHES "^[a-l]")
        set(half 1)
      endif()
      set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${folder}_${half})
    endforeach()
  endforeach()
endfunction()

# assay_compiles_quickly(ROOM): the same, and -O1, for a room in which nobody waits for the processor. What it computes is
# the same: no option here moves a bit.
function(assay_compiles_quickly room)
  target_compile_options(assay_${room} PRIVATE $<$<CONFIG:Release>:-O1>)
  assay_compiles_together(${room})
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
