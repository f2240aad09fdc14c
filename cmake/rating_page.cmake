# What the page of raters is made of, as ASSAY_RATING_PAGE: our own files, and those of Debian's marked, DOMPurify and
# KaTeX, which are compiled into the program, so that a rater's browser fetches nothing from elsewhere.
file(GLOB ASSAY_RATING_PAGE CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/harness/rating/page/*.html
  ${PROJECT_SOURCE_DIR}/harness/rating/page/*.css ${PROJECT_SOURCE_DIR}/harness/rating/page/*.js)

function(assay_page_library package file)
  if(NOT EXISTS ${file})
    message(FATAL_ERROR "${file} is missing: the page of `assay preference serve` needs it. scripts/setup installs it "
      "(package ${package})")
  endif()
  list(APPEND ASSAY_RATING_PAGE ${file})
  set(ASSAY_RATING_PAGE ${ASSAY_RATING_PAGE} PARENT_SCOPE)
endfunction()

assay_page_library(libjs-marked /usr/share/javascript/marked/marked.min.js)
assay_page_library(node-dompurify /usr/share/nodejs/dompurify/dist/purify.min.js)
assay_page_library(libjs-katex /usr/share/javascript/katex/katex.min.js)
assay_page_library(libjs-katex /usr/share/javascript/katex/katex.min.css)
foreach(font AMS-Regular Caligraphic-Bold Caligraphic-Regular Fraktur-Bold Fraktur-Regular Main-Bold Main-BoldItalic
    Main-Italic Main-Regular Math-BoldItalic Math-Italic SansSerif-Bold SansSerif-Italic SansSerif-Regular Script-Regular
    Size1-Regular Size2-Regular Size3-Regular Size4-Regular Typewriter-Regular)
  assay_page_library(fonts-katex /usr/share/fonts/truetype/katex/KaTeX_${font}.woff2)
endforeach()
