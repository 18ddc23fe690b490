/* Calls gated_linear as its header says: fills the parameters, asks for the shape, computes, prints. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "gated_linear.h"

int main(void) {
  enum { B = 2, S = 3 };
  float x[B * S * 4], weight[4 * 6], cos_table[16 * 6];
  bool visible[B * S];
  for (int i = 0; i < B * S * 4; i++) x[i] = (float)(i % 7) / 8 - 0.5f;
  for (int i = 0; i < B * S; i++) visible[i] = i % 4 != 1;
  /* The stored tensor holds n * 4 + k over 32, the parameter is its transpose. */
  for (int k = 0; k < 4; k++)
    for (int n = 0; n < 6; n++) weight[k * 6 + n] = (float)(n * 4 + k) / 32;
  for (int p = 0; p < 16; p++)
    for (int i = 0; i < 6; i++) cos_table[p * 6 + i] = (float)cos(p * pow(10000.0, -i / 6.0));
  const struct gated_linear_params params = {.weight = weight, .cos = cos_table};

  int64_t shape[3];
  int64_t status = gated_linear_prepare(B, S, x, visible, 14, shape);
  printf("%s\n", gated_linear_message(status));
  status = gated_linear_prepare(B, S, x, visible, 2, shape);
  printf("%s %d %d %d\n", gated_linear_message(status), (int)shape[0], (int)shape[1], (int)shape[2]);
  float *result = malloc(sizeof(float) * shape[0] * shape[1] * shape[2]);
  status = gated_linear_run(B, S, x, visible, 2, &params, result);
  if (status != 0) return 1;
  for (int i = 0; i < shape[0] * shape[1] * shape[2]; i++) printf("%a\n", result[i]);
  status = gated_linear_run(B, S, x, visible, -1, &params, result);
  free(result);
  return status == 1 ? 0 : 2;
}
