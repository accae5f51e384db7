// TinyLlama: small Llama-architecture models that Distill carries with it. Reads and writes their
// folders, turns chats into tokens, decodes in batches, fine-tunes. It knows nothing of workflows,
// HTTP, the cache, or what the texts are about.

/// The runtime that decodes and trains embedded models.
package enum TinyLlamaRuntime {
  /// Goes into cache keys beside the checkpoint's digest: raise it when the same request to the
  /// same checkpoint gives another text, or the same training another checkpoint.
  package static let version = "tiny-llama-1"

  /// The kernels that BLAS chose for this processor.
  ///
  /// Training may give other bytes with other kernels; decoding gives the same everywhere.
  package static var trainingKernel: String { BLAS.kernelName }
}
