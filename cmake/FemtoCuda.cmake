# CUDA for FEMTO_CUDA: the compiler, the architectures, and what to do if there is none.
include(CheckLanguage)
if(NOT CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX})
  find_program(CMAKE_CUDA_COMPILER nvcc PATHS /usr/local/cuda/bin /opt/cuda/bin)
endif()
check_language(CUDA)
if(NOT CMAKE_CUDA_COMPILER)
  message(FATAL_ERROR "FEMTO_CUDA is on, but nvcc was not found or does not run: install the "
    "CUDA toolkit (12 or newer), or name its compiler by -DCMAKE_CUDA_COMPILER=/path/to/nvcc, or "
    "build without kernels for GPUs by -DFEMTO_CUDA=OFF")
endif()
# Ampere and Hopper data-centre GPUs; newer ones compile the code of the last one at start.
if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
  set(CMAKE_CUDA_ARCHITECTURES 80 90)
endif()
enable_language(CUDA)
find_package(CUDAToolkit REQUIRED)
if(ccache)
  set(CMAKE_CUDA_COMPILER_LAUNCHER ${ccache})
endif()
# CMake 3.25 does not know that nvcc speaks C++20.
foreach(kind STANDARD EXTENSION)
  if(NOT CMAKE_CUDA20_${kind}_COMPILE_OPTION)
    set(CMAKE_CUDA20_${kind}_COMPILE_OPTION -std=c++20)
  endif()
endforeach()
