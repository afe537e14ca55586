# SPDX-License-Identifier: Apache-2.0
# cmake -DOUT=FILE.spdx.json -DNAME= -DVERSION= -DCOMPILED_IN=PACKAGE;... [-DBINARY=FILE -DOBJDUMP=]
#       [-DSYSROOT_VERSIONS=FILE -DCROSS=SUFFIX] -P sbom.cmake
# Writes what a component contains, as SPDX 2.3: the Debian packages that were compiled in, and those of the shared
# libraries that BINARY needs. Their versions come from dpkg; those of a cross compiler's libraries come from
# SYSROOT_VERSIONS, which fetch_sysroot.sh wrote. Fails where it does not know the licence of a package.
cmake_minimum_required(VERSION 3.20)
include(${CMAKE_CURRENT_LIST_DIR}/debian_libraries.cmake)

set(licence_libflatbuffers-dev Apache-2.0)
set(licence_libstb-dev "MIT OR Unlicense")
set(licence_nlohmann-json3-dev MIT)
set(licence_libcli11-dev BSD-3-Clause)
set(licence_libstdc++-dev "GPL-3.0-or-later WITH GCC-exception-3.1")
set(licence_libgcc-dev "GPL-3.0-or-later WITH GCC-exception-3.1")
set(licence_libc6 LGPL-2.1-or-later)
set(licence_libxnnpack0 BSD-3-Clause)
set(licence_zlib1g Zlib)
set(licence_libjpeg62-turbo "BSD-3-Clause AND IJG AND Zlib")
set(licence_libjpeg-turbo8 "BSD-3-Clause AND IJG AND Zlib")
set(licence_libsodium23 ISC)

# version_of(PACKAGE OUT): sets OUT to the package's version as Debian writes it, or to nothing where it is not known.
function(version_of package out)
  set(version "")
  if(SYSROOT_VERSIONS AND EXISTS "${SYSROOT_VERSIONS}")
    file(STRINGS "${SYSROOT_VERSIONS}" lines)
    foreach(line IN LISTS lines)
      string(FIND "${line}" "${package} " at)  # not by a regular expression: names contain "++"
      if(at EQUAL 0)
        string(REGEX REPLACE "^[^ ]+ " "" version "${line}")
        break()
      endif()
    endforeach()
  endif()
  foreach(name IN ITEMS ${package}${CROSS} ${package})  # the cross compiler's C library has a package of its own
    if(NOT version)
      execute_process(COMMAND dpkg-query -W -f "\${Version}\\n" ${name} OUTPUT_VARIABLE version ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
      string(REGEX REPLACE "\n.*" "" version "${version}")
    endif()
  endforeach()
  set(${out} "${version}" PARENT_SCOPE)
endfunction()

# The names of the compiler's own packages contain the compiler's version.
set(compiled_in "")
foreach(package IN LISTS COMPILED_IN)
  string(REGEX REPLACE "^lib(stdc\\+\\+|gcc)-[0-9]+-dev.*" "lib\\1-dev" kind ${package})
  list(APPEND compiled_in "${package}|${licence_${kind}}|STATIC_LINK")
endforeach()
set(all "${compiled_in}")
if(BINARY)
  execute_process(COMMAND ${OBJDUMP} -p ${BINARY} OUTPUT_VARIABLE headers COMMAND_ERROR_IS_FATAL ANY)
  vitro_debian_libraries("${headers}" libraries)
  foreach(package IN LISTS libraries)
    list(APPEND all "${package}|${licence_${package}}|DYNAMIC_LINK")
  endforeach()
endif()

set(packages "")
set(relationships "{\"spdxElementId\": \"SPDXRef-DOCUMENT\", \"relationshipType\": \"DESCRIBES\", \"relatedSpdxElement\": \"SPDXRef-Package-${NAME}\"}")
set(fingerprint "")
foreach(entry IN LISTS all)
  string(REPLACE "|" ";" entry "${entry}")
  list(GET entry 0 package)
  list(GET entry 1 licence)
  list(GET entry 2 how)
  if(NOT licence)
    message(FATAL_ERROR "sbom.cmake does not know the licence of ${package}: say it here and in toolchains/package/copyright")
  endif()
  version_of(${package} version)
  set(known "")
  set(purl "pkg:deb/debian/${package}")
  if(version)
    set(known "\"versionInfo\": \"${version}\", ")
    string(REPLACE "+" "%2B" encoded "${version}")
    string(REPLACE ":" "%3A" encoded "${encoded}")
    string(APPEND purl "@${encoded}")
  endif()
  string(REPLACE "pkg:deb/debian/libstdc++" "pkg:deb/debian/libstdc%2B%2B" purl "${purl}")
  string(REGEX REPLACE "[^A-Za-z0-9.-]" "-" id "SPDXRef-Package-${package}")
  string(APPEND packages ",\n    {\"name\": \"${package}\", \"SPDXID\": \"${id}\", ${known}\"downloadLocation\": \"NOASSERTION\", \"filesAnalyzed\": false, \"licenseConcluded\": \"${licence}\", \"licenseDeclared\": \"${licence}\", \"copyrightText\": \"NOASSERTION\", \"externalRefs\": [{\"referenceCategory\": \"PACKAGE-MANAGER\", \"referenceType\": \"purl\", \"referenceLocator\": \"${purl}\"}]}")
  string(APPEND relationships ",\n    {\"spdxElementId\": \"SPDXRef-Package-${NAME}\", \"relationshipType\": \"${how}\", \"relatedSpdxElement\": \"${id}\"}")
  string(APPEND fingerprint " ${package}=${version}")
endforeach()

string(TIMESTAMP now "%Y-%m-%dT%H:%M:%SZ" UTC)  # or SOURCE_DATE_EPOCH, where that is set
string(UUID unique NAMESPACE 6ba7b811-9dad-11d1-80b4-00c04fd430c8 NAME "${NAME} ${VERSION} ${now}${fingerprint}" TYPE SHA1)
file(WRITE ${OUT} "{
  \"spdxVersion\": \"SPDX-2.3\",
  \"dataLicense\": \"CC0-1.0\",
  \"SPDXID\": \"SPDXRef-DOCUMENT\",
  \"name\": \"${NAME}-${VERSION}\",
  \"documentNamespace\": \"https://vitro.invalid/spdx/${NAME}-${VERSION}-${unique}\",
  \"creationInfo\": {\"created\": \"${now}\", \"creators\": [\"Tool: sbom.cmake-${VERSION}\"]},
  \"packages\": [
    {\"name\": \"${NAME}\", \"SPDXID\": \"SPDXRef-Package-${NAME}\", \"versionInfo\": \"${VERSION}\", \"downloadLocation\": \"NOASSERTION\", \"filesAnalyzed\": false, \"licenseConcluded\": \"Apache-2.0\", \"licenseDeclared\": \"Apache-2.0\", \"copyrightText\": \"2026 the vitro authors\"}${packages}
  ],
  \"relationships\": [
    ${relationships}
  ]
}
")
