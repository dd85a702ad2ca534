/* The guarded call of CGLPK.h. See there for why it is C. */
#include "CGLPK.h"

#include <glpk.h>
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

/* The parameters of the call under one name. */
struct program {
  struct preimage_glpk_options options;
  int row_count, column_count, entry_count;
  const double *objective, *row_lower, *row_upper, *column_lower, *column_upper;
  const int *entry_rows, *entry_columns;
  const double *entry_values;
  double *primal, *row_dual;
};

/* What the hooks work with, and what is freed after a jump too. GLPK counts from one: these are the
 * copies it reads. */
struct work {
  jmp_buf escape;
  int *rows;
  int *columns;
  double *values;
  char message[sizeof ((struct preimage_glpk_report *)0)->message];
};

/* GLPK prints its reason through the terminal hook just before it raises the error hook. */
static int keep_message(void *info, const char *text) {
  struct work *work = info;
  size_t length = strlen(work->message);
  strncat(work->message, text, sizeof work->message - 1 - length);
  return 1;
}

static void leave(void *info) {
  struct work *work = info;
  longjmp(work->escape, 1);
}

static int bound_type(double lower, double upper) {
  int below = isfinite(lower), above = isfinite(upper);
  if (below && above) {
    return lower == upper ? GLP_FX : GLP_DB;
  }
  return below ? GLP_LO : above ? GLP_UP : GLP_FR;
}

static glp_prob *load(const struct program *program, const struct work *work) {
  glp_prob *problem = glp_create_prob();
  glp_set_obj_dir(problem, GLP_MIN);
  if (program->row_count > 0) {
    glp_add_rows(problem, program->row_count);
  }
  if (program->column_count > 0) {
    glp_add_cols(problem, program->column_count);
  }
  for (int i = 0; i < program->row_count; i++) {
    double lower = program->row_lower[i], upper = program->row_upper[i];
    glp_set_row_bnds(problem, i + 1, bound_type(lower, upper), lower, upper);
  }
  for (int j = 0; j < program->column_count; j++) {
    double lower = program->column_lower[j], upper = program->column_upper[j];
    glp_set_col_bnds(problem, j + 1, bound_type(lower, upper), lower, upper);
    glp_set_obj_coef(problem, j + 1, program->objective[j]);
  }
  glp_load_matrix(problem, program->entry_count, work->rows, work->columns, work->values);
  return problem;
}

static enum preimage_glpk_status status_of_point(int status) {
  switch (status) {
    case GLP_OPT: return PREIMAGE_GLPK_OPTIMAL;
    case GLP_NOFEAS: return PREIMAGE_GLPK_INFEASIBLE;
    case GLP_UNBND: return PREIMAGE_GLPK_UNBOUNDED;
    default: return PREIMAGE_GLPK_NUMERICAL_FAILURE;
  }
}

/* What a solver's return code says; zero leaves the verdict to the point found. */
static enum preimage_glpk_status status_of_code(int code, int point_status) {
  switch (code) {
    case 0: return status_of_point(point_status);
    case GLP_EBOUND: return PREIMAGE_GLPK_INFEASIBLE;  /* a lower bound above its upper bound */
    case GLP_ENOPFS: return PREIMAGE_GLPK_INFEASIBLE;
    case GLP_ENODFS: return PREIMAGE_GLPK_UNBOUNDED;
    case GLP_EITLIM: return PREIMAGE_GLPK_ITERATION_LIMIT;
    case GLP_ETMLIM: return PREIMAGE_GLPK_TIME_LIMIT;
    default: return PREIMAGE_GLPK_NUMERICAL_FAILURE;
  }
}

static int without_verdict(int code) {
  return code != 0 && code != GLP_EBOUND && code != GLP_EITLIM && code != GLP_ETMLIM;
}

static int run_simplex(glp_prob *problem, const struct program *program) {
  glp_smcp options;
  glp_init_smcp(&options);
  options.msg_lev = GLP_MSG_OFF;
  int is_primal = program->options.method == PREIMAGE_GLPK_PRIMAL_SIMPLEX;
  options.meth = is_primal ? GLP_PRIMAL : GLP_DUALP;
  options.it_lim = program->options.iteration_limit;
  options.tm_lim = program->options.time_limit_milliseconds;
  glp_scale_prob(problem, GLP_SF_AUTO);
  glp_adv_basis(problem, 0);
  int code = glp_simplex(problem, &options);
  if (without_verdict(code)) {
    /* A singular or ill-conditioned start: once more, by the other method, from the basis of all
     * slacks. */
    glp_std_basis(problem);
    options.meth = is_primal ? GLP_DUALP : GLP_PRIMAL;
    code = glp_simplex(problem, &options);
  }
  int status = glp_get_status(problem);
  if (code == 0 && status != GLP_OPT && status != GLP_NOFEAS && status != GLP_UNBND) {
    /* One side was found without an answer, which leaves two verdicts: the other method goes on from
     * the same basis and gives one. */
    options.meth = is_primal ? GLP_DUALP : GLP_PRIMAL;
    code = glp_simplex(problem, &options);
  }
  /* A program without rows or columns is solved exactly already, and glp_exact refuses it. */
  if (code == 0 && program->options.method == PREIMAGE_GLPK_EXACT && program->row_count > 0 &&
      program->column_count > 0) {
    code = glp_exact(problem, &options);
  }
  return code;
}

static enum preimage_glpk_status solve(
    const struct program *program, const struct work *work, int *iteration_count) {
  glp_prob *problem = load(program, work);
  if (program->options.method == PREIMAGE_GLPK_INTERIOR) {
    glp_iptcp options;
    glp_init_iptcp(&options);
    options.msg_lev = GLP_MSG_OFF;
    if (glp_interior(problem, &options) == 0 && glp_ipt_status(problem) == GLP_OPT) {
      for (int i = 0; i < program->row_count; i++) {
        program->row_dual[i] = glp_ipt_row_dual(problem, i + 1);
      }
      for (int j = 0; j < program->column_count; j++) {
        program->primal[j] = glp_ipt_col_prim(problem, j + 1);
      }
      return PREIMAGE_GLPK_OPTIMAL;
    }
    /* It refuses a program without rows or columns, and stops without telling an infeasible program
     * from an unbounded one. The simplex method decides. */
  }
  int code = run_simplex(problem, program);
  for (int i = 0; i < program->row_count; i++) {
    program->row_dual[i] = glp_get_row_dual(problem, i + 1);
  }
  for (int j = 0; j < program->column_count; j++) {
    program->primal[j] = glp_get_col_prim(problem, j + 1);
  }
  *iteration_count = glp_get_it_cnt(problem);
  return status_of_code(code, glp_get_status(problem));
}

static int copy_entries(const struct program *program, struct work *work) {
  size_t count = (size_t)program->entry_count + 1;
  work->rows = calloc(count, sizeof *work->rows);
  work->columns = calloc(count, sizeof *work->columns);
  work->values = calloc(count, sizeof *work->values);
  if (!work->rows || !work->columns || !work->values) {
    return 0;
  }
  for (int e = 0; e < program->entry_count; e++) {
    work->rows[e + 1] = program->entry_rows[e] + 1;
    work->columns[e + 1] = program->entry_columns[e] + 1;
    work->values[e + 1] = program->entry_values[e];
  }
  return 1;
}

struct preimage_glpk_report preimage_glpk_solve(
    struct preimage_glpk_options options, int row_count, int column_count, int entry_count,
    const double *objective, const double *row_lower, const double *row_upper,
    const double *column_lower, const double *column_upper, const int *entry_rows,
    const int *entry_columns, const double *entry_values, double *primal, double *row_dual) {
  const struct program program = {
      options,   row_count,    column_count, entry_count,   objective,    row_lower, row_upper,
      column_lower, column_upper, entry_rows,   entry_columns, entry_values, primal,    row_dual,
  };
  /* Automatic storage written between setjmp and longjmp may be lost by the jump: what is written
   * there lies on the heap. */
  struct preimage_glpk_report *const report = calloc(1, sizeof *report);
  struct work *const work = calloc(1, sizeof *work);
  struct preimage_glpk_report result = {PREIMAGE_GLPK_ABORTED, 0, "out of memory"};

  if (column_count > 0) {
    memset(primal, 0, sizeof *primal * (size_t)column_count);
  }
  if (row_count > 0) {
    memset(row_dual, 0, sizeof *row_dual * (size_t)row_count);
  }
  if (report && work && copy_entries(&program, work)) {
    if (setjmp(work->escape) == 0) {
      /* Reports are off. GLPK's last words before it raises the error hook come all the same, and
       * the terminal hook keeps them. */
      glp_term_out(GLP_OFF);
      glp_term_hook(keep_message, work);
      glp_error_hook(leave, work);
      report->status = solve(&program, work, &report->iteration_count);
    } else {
      report->status = PREIMAGE_GLPK_ABORTED;
      memcpy(report->message, work->message, sizeof report->message);
    }
    /* Frees the problem too, also one that was being worked on when GLPK gave up. */
    glp_free_env();
    result = *report;
  }
  if (work) {
    free(work->rows);
    free(work->columns);
    free(work->values);
  }
  free(work);
  free(report);
  return result;
}
