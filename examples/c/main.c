/* A library made by rlxc, called from C:
 *   rlxc compile scaled.mlir -o libscaled.so
 *   cc main.c libscaled.so -lm -Wl,-rpath,. -o main && ./main
 */
#include <stdio.h>
#include "libscaled.h"

int main(void) {
  float x[2 * 8], y[2 * 8], weight[8];
  for (int i = 0; i < 16; i++) x[i] = (float)i;
  for (int i = 0; i < 8; i++) weight[i] = 2.0f;
  const struct scaled_params params = {.weight = weight};
  const int64_t status = scaled_run(1, 2, x, &params, y);
  if (status != 0) {
    fprintf(stderr, "%s\n", scaled_message(status));
    return 1;
  }
  for (int i = 0; i < 16; i++) printf("%.4f%c", y[i], i % 8 == 7 ? '\n' : ' ');
  return 0;
}
