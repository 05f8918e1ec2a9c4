import type { JSX } from 'preact';

/** The page that a set-up link opens. A script takes the link from the address; without scripts it is pasted. */
export function setupPage(base: string, problem: string | undefined): JSX.Element {
  return (
    <div class="scim-panel">
      <h1>Set up user provisioning</h1>
      <section class="card" aria-labelledby="setup-title">
        <header>
          <div>
            <h2 id="setup-title">Open your set-up link</h2>
            <p class="soft">
              The link works once. It gives you access to the settings of one connection, for a limited time.
            </p>
          </div>
        </header>
        {problem === undefined ? null : (
          <p class="notice warn" role="alert">
            {problem}
          </p>
        )}
        <form method="post" action={`${base}/setup`} class="stack" data-setup>
          <div class="field">
            <label for="setup-code">Set-up link</label>
            <input id="setup-code" name="code" required autocomplete="off" spellcheck={false} maxLength={2_500} />
            <p class="hint">If this field is empty, paste the whole link that you received.</p>
          </div>
          <div class="buttons">
            <button type="submit" class="button primary">
              Continue
            </button>
          </div>
        </form>
      </section>
    </div>
  );
}
