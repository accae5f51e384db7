import Engine
import Primitives
import TestSupport
import Testing

@Suite struct GraphTests {
  private static let text = """
    matrix: {word: [one, "a<b\\""]}
    nodes:
      say: {kind: command, shell: "echo ${word} > out", outputs: {out: out}}
      echo: {kind: command, shell: "cat $A $B > out", inputs: {A: say, B: say}, outputs: {out: out}}
    """

  @Test func eachNodeOnce() async throws {
    let graph = WorkflowGraph(try await Workshop().workflow(Self.text), byInstance: false)
    #expect(
      graph.mermaid == """
        flowchart TD
          n0["say<br/><i>command</i>"]
          n1["echo<br/><i>command</i>"]
          n0 --> n1
        """
    )
    #expect(
      graph.dot == """
        digraph workflow {
          node [shape=box];
          n0 [label="say\\ncommand"];
          n1 [label="echo\\ncommand"];
          n0 -> n1;
        }
        """
    )
  }

  @Test func eachInstanceWithoutMarkupFromValues() async throws {
    let graph = WorkflowGraph(try await Workshop().workflow(Self.text), byInstance: true)
    #expect(
      graph.mermaid == """
        flowchart TD
          n0["say@one<br/><i>command</i>"]
          n1["say@a-b-<br/><i>command</i>"]
          n2["echo@one<br/><i>command</i>"]
          n3["echo@a-b-<br/><i>command</i>"]
          n0 --> n2
          n1 --> n3
        """
    )
  }
}
