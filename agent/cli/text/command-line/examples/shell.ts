export const shellExamples = {
  completion: [
    "fulltrace completion bash > /etc/bash_completion.d/fulltrace",
    "fulltrace completion fish > ~/.config/fish/completions/fulltrace.fish",
  ],
  manual: ["fulltrace manual --lang zh > /usr/local/share/man/zh_CN/man1/fulltrace.1"],
} satisfies Record<string, readonly string[]>;
