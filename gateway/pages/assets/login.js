// Logs in with what is typed into a form, and gives the token to a function, which may say what came of it. The token is
// kept by the page alone, and gone when the page is.
export const onLogin = (form, take) => {
  const say = (text) => { form.querySelector("output").textContent = text; };

  const logIn = async (credentials) => {
    const response = await fetch("/auth/login", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(credentials),
    });
    const answer = await response.json();
    if (!response.ok) return answer.message;
    form.reset();
    return await take(answer.data.access_token) ?? `Logged in as ${credentials.email}`;
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    logIn(Object.fromEntries(new FormData(form))).then(say, () => say("The service is not reachable; try again shortly."));
  });
  return say;
};
