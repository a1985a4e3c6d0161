# The C++ library with its headers and the CMake package Dusk.
