// The keyboard. A key does what the control that names it does, so that both can never differ.
import { keepSetting, setting } from '/assets/drafts.js';
import { announce, at, openComment } from '/assets/view.js';

// "Q" -> the input or button whose aria-keyshortcuts is Q.
const controlOf = (key) => document.querySelector(`[aria-keyshortcuts="${key}"]`);

// Letters go by what is printed on the key; where that is not Latin, by the key's place.
function nameOf(event) {
  if (/^[a-z]$/i.test(event.key)) return event.key.toUpperCase();
  if (/^[1-5?]$/.test(event.key)) return event.key;
  const place = /^(?:Key([A-Z])|(?:Digit|Numpad)([1-5]))$/.exec(event.code);
  return place && event.key.length === 1 && !/[ -~]/.test(event.key) ? place[1] ?? place[2] : null;
}

const labelOf = (control) => control.labels[0].querySelector('span').firstChild.data.trim();

function press(control) {
  control.click();
  if (control.type === 'radio') announce(`${labelOf(control)}. Enter saves it.`);
  if (control.type === 'checkbox') {
    const side = control.closest('fieldset')?.querySelector('legend').textContent;
    announce(`${side ? `${side}: ` : ''}${labelOf(control)}, ${control.checked ? 'marked' : 'not marked'}.`);
  }
}

function inComment(event, save) {
  if (event.key === 'Escape') {
    openComment(at('comment').value.trim() !== '');
    at('comment-button').focus();
  } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    save();
  }
}

export function bindKeys(save) {
  at('keys-on').checked = setting('assay.keys') !== false;
  at('keys-on').onchange = () => keepSetting('assay.keys', at('keys-on').checked);

  document.addEventListener('keydown', (event) => {
    if (event.repeat || event.isComposing || at('help-box').open) return;
    if (event.target === at('comment')) return inComment(event, save);
    if (event.ctrlKey || event.metaKey || event.altKey || !at('keys-on').checked) return;
    if (event.key === 'Enter') {
      if (event.target.closest('button')) return;  // that button's own
      event.preventDefault();
      save();
      return;
    }
    const name = nameOf(event);
    const control = name && controlOf(name);
    if (!control || control.disabled || control.hidden || !control.offsetParent) return;
    event.preventDefault();
    press(control);
  });
}
