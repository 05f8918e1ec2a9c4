// Updates the live part of a page while provisioning changes its data.
const part = document.querySelector('[data-live]');
if (part !== null && typeof EventSource !== 'undefined') {
  const status = document.createElement('p');
  status.className = 'hidden';
  status.setAttribute('role', 'status');
  part.before(status);
  let source;
  let waiting;

  /** Whether the user is working in the part that would be replaced. */
  const isInUse = () =>
    part.contains(document.activeElement) ||
    [...part.querySelectorAll('option')].some((option) => option.selected !== option.defaultSelected);

  const refresh = async () => {
    waiting = undefined;
    if (isInUse()) {
      later(2_000);
      return;
    }
    const response = await fetch(location.href, { headers: { accept: 'text/html' } });
    // The session has ended.
    if (response.redirected) return location.reload();
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const next = page.querySelector('[data-live]');
    if (next === null || next.innerHTML === part.innerHTML) return;
    const before = new Map([...part.querySelectorAll('[id]')].map((each) => [each.id, each.innerHTML]));
    for (const each of next.querySelectorAll('[id]')) {
      if (before.get(each.id) !== each.innerHTML && each.querySelector('[id]') === null) each.classList.add('fresh');
    }
    part.replaceChildren(...next.childNodes);
    const [badge, nav] = [page.querySelector('.top nav'), document.querySelector('.top nav')];
    if (badge !== null && nav !== null && !nav.contains(document.activeElement)) nav.replaceWith(badge);
    status.textContent = 'The list has changed.';
  };
  const later = (milliseconds) => {
    waiting ??= setTimeout(() => refresh().catch(() => undefined), milliseconds);
  };
  const start = () => {
    source ??= new EventSource('/changes');
    source.addEventListener('changed', () => later(400));
  };
  const stop = () => {
    source?.close();
    source = undefined;
  };
  // A hidden page keeps no connection; it refreshes when it becomes visible.
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return stop();
    start();
    later(0);
  });
  addEventListener('pagehide', stop);
  if (!document.hidden) start();
}
