import { need } from '../shared/dom.ts';

// One click on a demo account fills the form; signing in stays a decision of its own.
for (const button of document.querySelectorAll<HTMLButtonElement>('.demo-account'))
  button.addEventListener('click', () => {
    need<HTMLInputElement>('#f-username').value = button.dataset.username ?? '';
    need<HTMLInputElement>('#f-password').value = button.dataset.password ?? '';
    need<HTMLButtonElement>('#sign-in-form .btn-primary').focus();
  });
