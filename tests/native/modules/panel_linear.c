/* Calls panel_linear as its header says, on this thread and on two: packs the weight, computes, prints. */
#include <pthread.h>
#include <stdio.h>

#include "panel_linear.h"

enum { N = 5, K = 3, WIDTH = 2 };

struct share {
  struct rlxc_memref_1 *x, *result, *arena, *barrier;
  struct rlxc_memref_3 *weight;
  int64_t thread;
};

static void *compute(void *argument) {
  const struct share *s = argument;
  _mlir_ciface_panel_linear(s->x, 2, s->weight, s->result, s->arena, s->thread, s->barrier);
  return NULL;
}

static void print(const float *result) {
  for (int n = 0; n < N; n++) printf("%g ", result[n]);
  printf("\n");
}

int main(void) {
  float x[K] = {1, 2, 3}, stored[N * K], weight[3 * K * WIDTH], result[N] = {0};
  for (int i = 0; i < N * K; i++) stored[i] = (float)(i * i);
  for (int p = 0; p < 3; p++)
    for (int k = 0; k < K; k++)
      for (int w = 0; w < WIDTH; w++)
        weight[(p * 3 + k) * 2 + w] = p * 2 + w >= N ? 0 : stored[(p * 2 + w) * 3 + k];
  const struct panel_linear_params params = {.weight = weight};
  if (panel_linear_run(x, &params, result) != 0) return 1;
  print(result);

  float shared[N] = {0};
  struct rlxc_memref_1 x_memref = {x, x, 0, {K}, {1}}, result_memref = {shared, shared, 0, {N}, {1}};
  struct rlxc_memref_3 weight_memref = {weight, weight, 0, {3, K, WIDTH}, {K * WIDTH, WIDTH, 1}};
  int64_t returned[2], words[16] = {0};
  _mlir_ciface_panel_linear_prepare(returned, &x_memref, 2);
  if (returned[0] != 0 || returned[1] != 2) return 2;
  char temporaries[2];
  struct rlxc_memref_1 arena = {temporaries, temporaries, 0, {2}, {1}}, barrier = {words, words, 0, {16}, {1}};
  struct share shares[2];
  pthread_t threads[2];
  for (int t = 0; t < 2; t++) {
    const struct share one = {&x_memref, &result_memref, &arena, &barrier, &weight_memref, t};
    shares[t] = one;
    pthread_create(&threads[t], NULL, compute, &shares[t]);
  }
  for (int t = 0; t < 2; t++) pthread_join(threads[t], NULL);
  print(shared);
  return 0;
}
