#ifndef PREIMAGE_COPENBLAS_SHIM_H
#define PREIMAGE_COPENBLAS_SHIM_H

// Not <cblas.h>: on Debian that is an alternatives link which may lead to another BLAS.
#include <cblas-openblas.h>

// How the C library keeps memory that is freed, which Swift's Glibc module leaves out.
#if defined(__linux__)
#include <malloc.h>
#endif

// Exported by OpenBLAS, declared in none of its headers: choose the kernels anew.
void gotoblas_dynamic_init(void);
void gotoblas_dynamic_quit(void);

// Fortran LAPACK, which Debian's OpenBLAS carries without its C interface. Arguments by
// reference, matrices column-major, int is 32 bits.
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info);
void dpotrs_(const char *uplo, const int *n, const int *nrhs, const double *a, const int *lda,
             double *b, const int *ldb, int *info);
void dpotri_(const char *uplo, const int *n, double *a, const int *lda, int *info);
void spotrf_(const char *uplo, const int *n, float *a, const int *lda, int *info);
void spotrs_(const char *uplo, const int *n, const int *nrhs, const float *a, const int *lda,
             float *b, const int *ldb, int *info);
void dsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w,
             double *work, const int *lwork, int *iwork, const int *liwork, int *info);
void dgelsy_(const int *m, const int *n, const int *nrhs, double *a, const int *lda, double *b,
             const int *ldb, int *jpvt, const double *rcond, int *rank, double *work,
             const int *lwork, int *info);
void dgeqp3_(const int *m, const int *n, double *a, const int *lda, int *jpvt, double *tau,
             double *work, const int *lwork, int *info);
void dorgqr_(const int *m, const int *n, const int *k, double *a, const int *lda, const double *tau,
             double *work, const int *lwork, int *info);

#endif
