# One file <kind>/<name>.cc is one component; its name is the file's. A file without
# `void register_<kind>_<name>(Registry&)` does not link, and the linker names the
# function that is missing.

# femto_components(out_sources template): writes the function that registers every
# component below the current folder and returns the list of sources.
function(femto_components out template)
  file(GLOB components CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} */*.cc)
  list(SORT components)
  set(DECLARATIONS "")
  set(CALLS "")
  foreach(path IN LISTS components)
    string(REGEX REPLACE "^([^/]+)/([^/]+)\\.cc$" "register_\\1_\\2" function "${path}")
    string(APPEND DECLARATIONS "void ${function}(Registry&);\n")
    string(APPEND CALLS "  ${function}(r);\n")
  endforeach()
  get_filename_component(name ${template} NAME_WLE)
  configure_file(${template} ${CMAKE_CURRENT_BINARY_DIR}/${name} @ONLY)
  set(${out} ${components} ${CMAKE_CURRENT_BINARY_DIR}/${name} PARENT_SCOPE)
endfunction()
