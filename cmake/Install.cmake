# In a wheel: the extension and libdusk.so side by side in the package. Otherwise: the C++ library,
# its headers and the CMake package Dusk.
option(DUSK_WHEEL "Install for a Python wheel" OFF)

if(DUSK_WHEEL)
  install(TARGETS dusk LIBRARY DESTINATION dusk)
  install(TARGETS _core LIBRARY DESTINATION dusk)
  install(TARGETS dusk_cli RUNTIME DESTINATION dusk/bin)
  set_target_properties(dusk_cli PROPERTIES INSTALL_RPATH "$ORIGIN/..")
  set_target_properties(dusk _core PROPERTIES INSTALL_RPATH "$ORIGIN")
  return()
endif()

include(CMakePackageConfigHelpers)
set(dusk_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Dusk)
set_target_properties(dusk PROPERTIES INSTALL_RPATH "$ORIGIN;${DUSK_ARROW_LIBDIR}")
install(TARGETS dusk dusk_arrow EXPORT DuskTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
set_target_properties(dusk_cli PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR};${DUSK_ARROW_LIBDIR}")
install(TARGETS dusk_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/src/dusk DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.h")
install(EXPORT DuskTargets NAMESPACE Dusk:: DESTINATION ${dusk_package_dir})
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/DuskConfig.cmake.in
  ${PROJECT_BINARY_DIR}/DuskConfig.cmake INSTALL_DESTINATION ${dusk_package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/DuskConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/DuskConfig.cmake ${PROJECT_BINARY_DIR}/DuskConfigVersion.cmake
        DESTINATION ${dusk_package_dir})
