# One shared library per layer, one test program per layer.

# femto_library(core SOURCES a.cc [DEPS fmt::fmt] [PRIVATE_DEPS ...])
# The femto layers it links are those that cmake/layers.txt allows.
function(femto_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  femto_layer_deps(${name} layers)
  add_library(femto_${name} SHARED ${arg_SOURCES})
  add_library(femto::${name} ALIAS femto_${name})
  set_target_properties(femto_${name} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(femto_${name} PUBLIC cxx_std_20)
  file(GLOB headers CONFIGURE_DEPENDS *.h)
  target_sources(femto_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/src FILES ${headers})
  target_link_libraries(femto_${name} PUBLIC ${layers} ${arg_DEPS} PRIVATE ${arg_PRIVATE_DEPS} $<BUILD_INTERFACE:femto_warnings>)
  install(TARGETS femto_${name} EXPORT FemtographTargets FILE_SET HEADERS)
endfunction()

# femto_precompile(target <header> ...): headers of libraries that most files of a target
# need and that take a second each to read. Every file still includes what it uses.
function(femto_precompile target)
  target_precompile_headers(${target} PRIVATE ${ARGN})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # -fpch-preprocess: else ccache never finds a file again. The rest: false alarms of GCC 12
    # inside the standard library, which is no longer a system header once precompiled.
    target_compile_options(${target} PRIVATE -fpch-preprocess
      -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
  endif()
endfunction()

function(femto_layer_deps name out)
  file(STRINGS ${PROJECT_SOURCE_DIR}/cmake/layers.txt line REGEX "^${name}:")
  if(NOT line)
    message(FATAL_ERROR "layer '${name}' is not in cmake/layers.txt")
  endif()
  string(REGEX REPLACE "^${name}: *" "" names "${line}")
  separate_arguments(names)
  list(TRANSFORM names PREPEND "femto::")
  set(${out} ${names} PARENT_SCOPE)
endfunction()

# femto_tests(core [DEPS ...] [LABELS ...]): every *_test.cc below this folder makes one
# program; each file is one ctest entry.
function(femto_tests name)
  cmake_parse_arguments(arg "" "" "DEPS;LABELS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS *_test.cc)
  if(NOT sources)
    return()
  endif()
  add_executable(femto_${name}_tests ${sources})
  target_include_directories(femto_${name}_tests PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(femto_${name}_tests PRIVATE ${arg_DEPS} GTest::gtest_main femto_warnings)
  femto_precompile(femto_${name}_tests <gtest/gtest.h> <fmt/format.h>)
  foreach(source IN LISTS sources)
    file(STRINGS ${source} lines REGEX "^(TEST|TEST_F|TEST_P|RC_GTEST_PROP|INSTANTIATE_TEST_SUITE_P)\\(")
    set(suites "")
    foreach(line IN LISTS lines)
      string(REGEX REPLACE "^[A-Z_]+\\( *([A-Za-z0-9_]+).*" "\\1.*" suite "${line}")
      list(APPEND suites ${suite})
    endforeach()
    list(REMOVE_DUPLICATES suites)
    list(TRANSFORM suites PREPEND "*")
    list(JOIN suites ":" filter)
    get_filename_component(stem ${source} NAME_WE)
    set(test ${name}.${stem})
    add_test(NAME ${test} COMMAND femto_${name}_tests --gtest_filter=${filter} --gtest_brief=1)
    set_tests_properties(${test} PROPERTIES
      LABELS "${arg_LABELS}"
      ENVIRONMENT "FEMTO_SOURCE_DIR=${PROJECT_SOURCE_DIR};RC_PARAMS=seed=1")
  endforeach()
endfunction()
