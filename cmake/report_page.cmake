# What the HTML report is made of, as ASSAY_REPORT_PAGE: our own files and Debian's Chart.js, compiled into the program and
# written into every report, which then loads nothing from elsewhere.
file(GLOB ASSAY_REPORT_PAGE CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/reports/page/*.html
  ${PROJECT_SOURCE_DIR}/reports/page/*.css ${PROJECT_SOURCE_DIR}/reports/page/*.js)
set(ASSAY_CHART_JS /usr/share/javascript/chart.js/chart.min.js)
if(NOT EXISTS ${ASSAY_CHART_JS})
  message(FATAL_ERROR "${ASSAY_CHART_JS} is missing: the HTML of `assay report` needs it. scripts/setup installs it "
    "(package libjs-chart.js)")
endif()
list(APPEND ASSAY_REPORT_PAGE ${ASSAY_CHART_JS})
