// The page of raters.
