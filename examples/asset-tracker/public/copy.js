// Adds copy buttons.
for (const code of document.querySelectorAll('[data-copy]')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Copy';
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(code.textContent.trim());
      button.textContent = 'Copied';
    } catch {
      // Without a secure context there is no clipboard: select the text instead.
      getSelection()?.selectAllChildren(code);
      button.textContent = 'Press Ctrl+C';
    }
    setTimeout(() => (button.textContent = 'Copy'), 2_000);
  });
  const frame = document.createElement('span');
  frame.className = 'copy';
  code.replaceWith(frame);
  frame.append(code, button);
}
