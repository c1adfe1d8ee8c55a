// The newest toast: -> {shown, text, failed, link}.
const describedToast = (toast) => {
  const message = toast.querySelector(select.toast_message) ?? toast;
  const own = [...message.childNodes].filter((node) => node.nodeName !== "A");
  return {
    shown: true,
    text: tidy(own.map((node) => node.textContent).join(" ")),
    failed: /error/.test(`${toast.className} ${toast.dataset.testid ?? ""}`),
    link: toast.querySelector("a[href]")?.href ?? "",
  };
};
return awaited((late) => {
  const toast = within(document, select.toasts).at(-1);
  if (toast) return describedToast(toast);
  return late ? { shown: false, text: "", failed: false, link: "" } : null;
});
