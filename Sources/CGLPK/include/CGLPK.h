/*
 * One guarded call into GLPK: a linear program in, its solution or a status out.
 *
 *     minimise  c'x   subject to   row_lower <= A x <= row_upper,  column_lower <= x <= column_upper
 *
 * GLPK reports misuse and exhausted memory by ending the process, unless an error hook leaves by
 * longjmp. That jump must not cross Swift frames, so hook, setjmp and every GLPK call live in
 * CGLPK.c. Each call works in the calling thread's own GLPK environment and frees it before it
 * returns; calls from several threads do not meet.
 */
#ifndef PREIMAGE_CGLPK_H
#define PREIMAGE_CGLPK_H

#ifdef __cplusplus
extern "C" {
#endif

enum preimage_glpk_method {
  /* Dual simplex, then primal where that fails, on the scaled program, from an advanced basis. */
  PREIMAGE_GLPK_SIMPLEX = 0,
  /* Primal-dual interior point; its solution is not a vertex. */
  PREIMAGE_GLPK_INTERIOR = 1,
  /* Simplex in floating point, then in rational arithmetic from the basis found. */
  PREIMAGE_GLPK_EXACT = 2,
  /* Primal simplex, then dual where that fails, likewise. */
  PREIMAGE_GLPK_PRIMAL_SIMPLEX = 3,
};

enum preimage_glpk_status {
  PREIMAGE_GLPK_OPTIMAL = 0,
  PREIMAGE_GLPK_INFEASIBLE = 1,
  PREIMAGE_GLPK_UNBOUNDED = 2,
  PREIMAGE_GLPK_ITERATION_LIMIT = 3,
  PREIMAGE_GLPK_TIME_LIMIT = 4,
  /* Singular or ill-conditioned bases, no convergence, no verdict. */
  PREIMAGE_GLPK_NUMERICAL_FAILURE = 5,
  /* GLPK raised its error hook: a malformed program, or memory exhausted. */
  PREIMAGE_GLPK_ABORTED = 6,
};

struct preimage_glpk_options {
  enum preimage_glpk_method method;
  /* At most this many simplex iterations; INT_MAX for no limit. The interior point ignores it (GLPK
   * stops it after 100 of its own). */
  int iteration_limit;
  /* At most this many milliseconds; INT_MAX for no limit. The interior point ignores it. */
  int time_limit_milliseconds;
};

struct preimage_glpk_report {
  enum preimage_glpk_status status;
  int iteration_count;
  /* GLPK's own message when ABORTED, else empty. */
  char message[256];
};

/*
 * Arrays are parameters of their own, so that Swift arrays can be passed as they are.
 *
 * objective, column_lower, column_upper: column_count entries. row_lower, row_upper: row_count
 * entries. An infinite bound is none, equal bounds are an equation. The matrix comes as entry_count
 * triplets, indices from zero, no place twice.
 *
 * primal (column_count entries) and row_dual (row_count entries) are the caller's; they receive the
 * solution, or the last point where the status is another than OPTIMAL, or zeros where there is none.
 */
struct preimage_glpk_report preimage_glpk_solve(
    struct preimage_glpk_options options, int row_count, int column_count, int entry_count,
    const double *objective, const double *row_lower, const double *row_upper,
    const double *column_lower, const double *column_upper, const int *entry_rows,
    const int *entry_columns, const double *entry_values, double *primal, double *row_dual);

#ifdef __cplusplus
}
#endif

#endif
