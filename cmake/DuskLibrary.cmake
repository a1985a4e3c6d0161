# One library a folder of src/dusk; see dusk_library().
set_property(GLOBAL PROPERTY DUSK_OBJECTS "")
set_property(GLOBAL PROPERTY DUSK_LINKS "")
set(DUSK_SOURCE_ROOT ${CMAKE_CURRENT_SOURCE_DIR}/src/dusk)

# dusk_row_folders(<folder>...): adds every folder, lowest row first.
function(dusk_row_folders)
  foreach(folder ${ARGN})
    add_subdirectory(${DUSK_SOURCE_ROOT}/${folder})
  endforeach()
endfunction()

# dusk_library(<folder> DEPS <folder>... [LINK <library>...])
#
# All *.cc of the folder, except *_test.cc (one GoogleTest program dusk_<folder>_test) and
# *_bench.cc (one program each, with DUSK_BENCHMARKS). DEPS are the folders it may include, which
# tools/check_layers.py compares with every #include. *_avx2.cc and *_avx512.cc get their flags.
function(dusk_library folder)
  cmake_parse_arguments(arg "" "" "DEPS;LINK" ${ARGN})
  string(REPLACE "/" "_" name ${folder})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  set(tests ${sources})
  set(benches ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER benches INCLUDE REGEX "_bench\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_(test|bench)\\.cc$")
  if(sources)
    add_library(dusk_${name} OBJECT ${sources})
    dusk_compile_settings(dusk_${name} ${folder})
    dusk_simd_flags(${sources})
    set_property(GLOBAL APPEND PROPERTY DUSK_OBJECTS dusk_${name})
    set_property(GLOBAL APPEND PROPERTY DUSK_LINKS ${arg_LINK})
  endif()
  if(tests AND DUSK_TESTS)
    add_executable(dusk_${name}_test ${tests})
    dusk_compile_settings(dusk_${name}_test ${folder})
    target_link_libraries(dusk_${name}_test PRIVATE dusk GTest::gtest_main ${arg_LINK})
    add_test(NAME ${name} COMMAND dusk_${name}_test)
  endif()
  if(benches AND DUSK_BENCHMARKS)
    find_package(benchmark REQUIRED)
    foreach(bench ${benches})
      get_filename_component(stem ${bench} NAME_WE)
      add_executable(dusk_${name}_${stem} ${bench})
      dusk_compile_settings(dusk_${name}_${stem} ${folder})
      target_link_libraries(dusk_${name}_${stem} PRIVATE dusk benchmark::benchmark_main ${arg_LINK})
    endforeach()
  endif()
endfunction()

function(dusk_compile_settings target folder)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${target} PRIVATE dusk_arrow)
  if(folder MATCHES "^kernels/")
    target_compile_options(${target} PRIVATE -O3 -fno-math-errno -fno-trapping-math
                                             -ffp-contract=off)
  endif()
endfunction()

function(dusk_simd_flags)
  if(DUSK_SANITIZE STREQUAL "address")  # GCC 12 gives 64-byte vectors misaligned places there
    set(no_stack "--param=asan-stack=0")
  endif()
  foreach(source ${ARGN})
    if(source MATCHES "_avx2\\.cc$")
      set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS "-mavx2;-mfma;-mf16c;-mbmi;-mbmi2")
    elseif(source MATCHES "_avx512\\.cc$")
      set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS
        "-mavx512f;-mavx512dq;-mavx512bw;-mavx512vl;-mavx512cd;-mfma;-mf16c;-mbmi;-mbmi2;-mprefer-vector-width=512;${no_stack}")
    endif()
  endforeach()
endfunction()

# libdusk.so out of all folders.
function(dusk_shared_library)
  get_property(objects GLOBAL PROPERTY DUSK_OBJECTS)
  get_property(links GLOBAL PROPERTY DUSK_LINKS)
  add_library(dusk SHARED)
  add_library(Dusk::dusk ALIAS dusk)
  foreach(object ${objects})
    target_sources(dusk PRIVATE $<TARGET_OBJECTS:${object}>)
  endforeach()
  find_package(Threads REQUIRED)
  list(REMOVE_DUPLICATES links)
  target_link_libraries(dusk PRIVATE Threads::Threads ${links} PUBLIC dusk_arrow)
  target_include_directories(dusk PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>
                                         $<INSTALL_INTERFACE:include>)
  set_target_properties(dusk PROPERTIES LINKER_LANGUAGE CXX
                        LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
endfunction()

# dusk_program(<folder> OUTPUT <name> DEPS <folder>... [LINK <library>...])
#
# The executable dusk_<folder> out of all *.cc of the folder; DEPS as for dusk_library(). It is
# bin/<name> in the build tree and in an installation, and in the checkout's Python package.
function(dusk_program folder)
  cmake_parse_arguments(arg "" "OUTPUT" "DEPS;LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  add_executable(dusk_${folder} ${sources})
  dusk_compile_settings(dusk_${folder} ${folder})
  target_link_libraries(dusk_${folder} PRIVATE dusk ${arg_LINK})
  set_target_properties(dusk_${folder} PROPERTIES OUTPUT_NAME ${arg_OUTPUT}
                        RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  if(DUSK_PYTHON AND NOT DUSK_WHEEL)
    set(beside ${PROJECT_SOURCE_DIR}/python/dusk/bin)
    file(MAKE_DIRECTORY ${beside})
    add_custom_command(TARGET dusk_${folder} POST_BUILD
      COMMAND ${CMAKE_COMMAND} -E create_symlink $<TARGET_FILE:dusk_${folder}> ${beside}/${arg_OUTPUT})
  endif()
endfunction()
