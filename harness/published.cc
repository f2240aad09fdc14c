#include "harness/published.h"

namespace assay::harness {

std::vector<reports::Reference> published_beside(const store::Store& store, const store::Run& run) {
  return reports::references_for(reports::measured_by(run, store.find_batch(run.info.batch).tags),
                                 datasets::published_numbers());
}

}  // namespace assay::harness
