"""Pure geometry: results and ready texts in, frozen shapes with numbers and labels out."""
