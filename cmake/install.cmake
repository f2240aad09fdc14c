# What `cmake --install` puts where, and the Debian package that CPack makes of it. Nothing but the two programs has to
# be built.
set(CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
  WORLD_READ WORLD_EXECUTE)

# The program finds the others by these places relative to its own (sandbox/worker.cc, base/program.h), so they are no
# options.
install(TARGETS assay RUNTIME DESTINATION bin)
install(TARGETS assay-jail RUNTIME DESTINATION libexec/assay)
install(DIRECTORY tasks/definitions/ DESTINATION share/assay/tasks FILES_MATCHING PATTERN "*.toml")
install(DIRECTORY datasets/demo/ DESTINATION share/assay/demo/datasets OPTIONAL)
install(DIRECTORY models/demo/ DESTINATION share/assay/demo/models OPTIONAL)
install(DIRECTORY datasets/preference/ DESTINATION share/assay/preference FILES_MATCHING PATTERN "*.sealed")
file(GLOB licences LICENSE* LICENCE* COPYING*)
install(FILES README.md ${licences} DESTINATION share/doc/assay)
install(DIRECTORY docs DESTINATION share/doc/assay FILES_MATCHING PATTERN "*.md" PATTERN "*.schema.json")

# Written by the program that is installed, from its own command line, so they cannot be older than it.
set(generated ${PROJECT_BINARY_DIR}/shell_files)
install(CODE "
  file(REMOVE_RECURSE \"${generated}\")
  execute_process(COMMAND \"$<TARGET_FILE:assay>\" --generate \"${generated}\" COMMAND_ERROR_IS_FATAL ANY)
  set(share \"\${CMAKE_INSTALL_PREFIX}/share\")
  # Where zsh looks: Debian has a folder of its own for what packages bring.
  set(zsh \"\${share}/zsh/site-functions\")
  if(CMAKE_INSTALL_PREFIX STREQUAL \"/usr\")
    set(zsh \"\${share}/zsh/vendor-completions\")
  endif()
  file(INSTALL \"${generated}/man1\" DESTINATION \"\${share}/man\")
  file(INSTALL \"${generated}/assay.bash\" DESTINATION \"\${share}/bash-completion/completions\" RENAME assay)
  file(INSTALL \"${generated}/_assay\" DESTINATION \"\${zsh}\")
  file(INSTALL \"${generated}/assay.fish\" DESTINATION \"\${share}/fish/vendor_completions.d\")")

# The name and address that the package asks for: those of whoever builds it.
function(assay_git_setting key result)
  execute_process(COMMAND git config ${key} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE value
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    set(value "")
  endif()
  set(${result} "${value}" PARENT_SCOPE)
endfunction()
assay_git_setting(user.name name)
assay_git_setting(user.email address)
if(NOT name OR NOT address)
  set(name "The maintainers of Assay")
  set(address "nobody@localhost")
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME assay)
set(CPACK_PACKAGE_CONTACT "${name} <${address}>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Scores language models on standard benchmarks")
set(CPACK_PACKAGE_DESCRIPTION
  "Assay scores checkpoints of language models on standard benchmarks, compares two of them sample by sample, and keeps
every answer in one SQLite file. The inference engine is inside the program; programs that models write run in a
sandbox.")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
# The interpreter of the programs that models write; the libraries are found by dpkg-shlibdeps.
set(CPACK_DEBIAN_PACKAGE_DEPENDS python3)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS ca-certificates)
include(CPack)
