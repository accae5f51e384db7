import CBLAS

/// A row-major matrix that lies in someone else's memory; rows may be further apart than wide.
struct Matrix {
  let base: UnsafeMutablePointer<Float>
  let rows: Int
  let columns: Int
  /// Floats from one row to the next.
  let stride: Int
  /// Whether a product takes it transposed; rows and columns stay those in memory.
  private(set) var isTransposed = false

  init(_ base: UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int, stride: Int? = nil) {
    self.base = base
    self.rows = rows
    self.columns = columns
    self.stride = stride ?? columns
  }

  var transposed: Matrix {
    var matrix = self
    matrix.isTransposed.toggle()
    return matrix
  }

  func row(_ index: Int) -> UnsafeMutablePointer<Float> { base + index * stride }

  /// Some rows and columns of this matrix.
  func part(rows: Range<Int>, columns: Range<Int>) -> Matrix {
    Matrix(
      row(rows.lowerBound) + columns.lowerBound,
      rows.count,
      columns.count,
      stride: stride
    )
  }
}

/// Products of matrices by BLAS (`cblas_sgemm`), for training only.
///
/// One thread a call: with more, OpenBLAS splits the sums differently, and results would depend on
/// the number of threads.
enum BLAS {
  /// Takes effect once, before the first product.
  static let singleThreaded: Void = openblas_set_num_threads(1)

  /// The name of the processor's kernels, for the run record: results may differ between kernels.
  static var kernelName: String { String(cString: openblas_get_corename()) }

  /// C = scale · A·B, or C + that.
  static func multiply(
    _ a: Matrix,
    by b: Matrix,
    into c: Matrix,
    scale: Float = 1,
    adding: Bool = false
  ) {
    let inner = a.isTransposed ? a.rows : a.columns
    precondition(
      (a.isTransposed ? a.columns : a.rows) == c.rows
        && (b.isTransposed ? b.rows : b.columns) == c.columns
        && (b.isTransposed ? b.columns : b.rows) == inner && !c.isTransposed,
      "BUG: the shapes of a product do not fit"
    )
    _ = singleThreaded
    cblas_sgemm(
      CblasRowMajor,
      a.isTransposed ? CblasTrans : CblasNoTrans,
      b.isTransposed ? CblasTrans : CblasNoTrans,
      Int32(c.rows),
      Int32(c.columns),
      Int32(inner),
      scale,
      a.base,
      Int32(a.stride),
      b.base,
      Int32(b.stride),
      adding ? 1 : 0,
      c.base,
      Int32(c.stride)
    )
  }
}
