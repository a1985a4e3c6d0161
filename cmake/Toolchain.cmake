# Compiler cache, linker, warnings and sanitizers.
find_program(DUSK_CCACHE ccache)
if(DUSK_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${DUSK_CCACHE})
endif()
find_program(DUSK_MOLD mold)
if(DUSK_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Werror -Wno-missing-field-initializers
                    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
if(DUSK_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined
                      -fno-omit-frame-pointer
                      -Wno-maybe-uninitialized)  # GCC 12 sees ghosts in instrumented variants
  add_link_options(-fsanitize=address,undefined)
elseif(DUSK_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer -Wno-tsan)
  add_link_options(-fsanitize=thread)
endif()
