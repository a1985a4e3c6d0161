# Target dusk_arrow: Arrow C++ from the Python environment's pyarrow, or from find_package(Arrow).
add_library(dusk_arrow INTERFACE)
if(DUSK_SYSTEM_ARROW)
  find_package(Arrow REQUIRED)
  find_package(Parquet REQUIRED)
  target_link_libraries(dusk_arrow INTERFACE Arrow::arrow_shared Parquet::parquet_shared)
  return()
endif()

find_package(Python 3.11 REQUIRED COMPONENTS Interpreter Development.Module)
execute_process(
  COMMAND ${Python_EXECUTABLE} -c
          "import pyarrow, os; print(pyarrow.get_include()); print(os.path.dirname(pyarrow.__file__)); print(pyarrow.__version__)"
  OUTPUT_VARIABLE dusk_pyarrow OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "\n" ";" dusk_pyarrow "${dusk_pyarrow}")
list(GET dusk_pyarrow 0 DUSK_ARROW_INCLUDE)
list(GET dusk_pyarrow 1 DUSK_ARROW_LIBDIR)
list(GET dusk_pyarrow 2 DUSK_ARROW_VERSION)
string(REGEX REPLACE "^([0-9]+)\\.([0-9]+).*" "\\1" dusk_arrow_major "${DUSK_ARROW_VERSION}")
set(DUSK_ARROW_SOVERSION "${dusk_arrow_major}00")
target_include_directories(dusk_arrow SYSTEM INTERFACE $<BUILD_INTERFACE:${DUSK_ARROW_INCLUDE}>)
foreach(lib arrow arrow_compute arrow_acero arrow_dataset parquet)
  target_link_libraries(dusk_arrow
    INTERFACE $<BUILD_INTERFACE:${DUSK_ARROW_LIBDIR}/lib${lib}.so.${DUSK_ARROW_SOVERSION}>)
endforeach()
