# SPDX-License-Identifier: MIT
#
# The target `musl`, where the compiler can link with musl: that makes the objects and the program
# that link it static ones. musl-gcc (Debian's musl-tools) is the same gcc with a specs file, which
# it tells to whatever it is made to run; so both kinds are built side by side.
option(SCRATCH_MUSL "Link scratchctl statically with musl, where musl-gcc is installed" ON)
find_program(SCRATCH_MUSL_GCC musl-gcc)
mark_as_advanced(SCRATCH_MUSL_GCC)
include(CheckCSourceCompiles)

set(musl_compile_options "")
if(SCRATCH_MUSL AND SCRATCH_MUSL_GCC AND NOT SCRATCH_SANITIZE
   AND NOT CMAKE_C_FLAGS MATCHES "--coverage")
    execute_process(COMMAND ${CMAKE_COMMAND} -E env REALGCC=echo ${SCRATCH_MUSL_GCC}
        OUTPUT_VARIABLE musl_specs OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    string(REGEX REPLACE "^-specs +" "-specs=" musl_specs "${musl_specs}")
    # musl has no headers of the kernel's: they are where the compiler has its own, behind musl's.
    # Small: all of the program is mapped at its start, and a start runs each part of it once.
    set(musl_compile_options ${musl_specs} -fno-pie -Os -ffunction-sections -fdata-sections
        -fno-asynchronous-unwind-tables)
    foreach(directory IN LISTS CMAKE_C_IMPLICIT_INCLUDE_DIRECTORIES)
        list(APPEND musl_compile_options -idirafter${directory})
    endforeach()

    string(REPLACE ";" " " CMAKE_REQUIRED_FLAGS "${musl_compile_options}")
    set(CMAKE_REQUIRED_LINK_OPTIONS -static -no-pie)
    check_c_source_compiles("
        #include <linux/openat2.h>
        #include <stdatomic.h>
        #ifdef __GLIBC__
        #error this is not musl
        #endif
        static atomic_int n; /* on arm64 libgcc asks the C library which instructions there are */
        int main(void) { return atomic_fetch_add(&n, sizeof(struct open_how)); }" SCRATCH_MUSL_WORKS)
    unset(CMAKE_REQUIRED_FLAGS)
    unset(CMAKE_REQUIRED_LINK_OPTIONS)
endif()

if(SCRATCH_MUSL_WORKS AND musl_compile_options)
    add_library(musl INTERFACE)
    target_compile_options(musl INTERFACE $<$<COMPILE_LANGUAGE:C>:${musl_compile_options}>)
    target_link_options(musl INTERFACE ${musl_specs} -static -no-pie)
    message(STATUS "scratchctl: linked statically with musl, for the sake of its start")
else()
    message(STATUS "scratchctl: linked with the C library of the compiler; gcc and musl-gcc "
        "(package musl-tools) would make it start faster")
endif()
