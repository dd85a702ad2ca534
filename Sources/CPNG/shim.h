// libpng's own header; only its simplified interface (`png_image_*`) is used, which reports
// errors by value and needs no setjmp.
#include <png.h>
