"""PyTorch on the CPU: eager, channels last, its own spectral normalisation."""

import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from step_contenders import BETA_1, BETA_2, LATENT_DIM, LEARNING_RATE, SLOPE, STDDEV, Contender, Settings


def initialized(layer):
    nn.init.normal_(layer.weight, std=STDDEV)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


def make_generator(settings: Settings) -> nn.Module:
    width, bottom = settings.width, settings.resolution // 8
    layers = [
        initialized(nn.Linear(LATENT_DIM, bottom * bottom * 8 * width)),
        nn.Unflatten(1, (8 * width, bottom, bottom)),
    ]
    for inputs, outputs in ((8, 4), (4, 2), (2, 1)):
        convolution = nn.ConvTranspose2d(inputs * width, outputs * width, 4, stride=2, padding=1, bias=False)
        layers += [initialized(convolution), nn.BatchNorm2d(outputs * width, eps=2e-5), nn.ReLU(inplace=True)]
    layers += [initialized(nn.Conv2d(width, settings.channels, 3, padding=1)), nn.Tanh()]
    return nn.Sequential(*layers)


def make_discriminator(settings: Settings) -> nn.Module:
    width, layers, inputs = settings.width, [], settings.channels
    for outputs in (width, 2 * width, 4 * width):
        for arguments in ({"kernel_size": 3, "padding": 1}, {"kernel_size": 4, "padding": 1, "stride": 2}):
            convolution = initialized(nn.Conv2d(inputs, outputs, **arguments))
            layers += [spectral_norm(convolution), nn.LeakyReLU(SLOPE, inplace=True)]
            inputs = outputs
    last = initialized(nn.Conv2d(inputs, 8 * width, 3, padding=1))
    layers += [spectral_norm(last), nn.LeakyReLU(SLOPE, inplace=True), nn.Flatten()]
    bottom = settings.resolution // 8
    return nn.Sequential(*layers, spectral_norm(initialized(nn.Linear(8 * width * bottom * bottom, 1))))


def prepare(settings: Settings) -> Contender:
    """Returns an eager step; under `mixed_bfloat16` the forward passes run under autocast."""
    torch.set_num_threads(settings.threads)
    torch.manual_seed(0)
    layout = {"memory_format": torch.channels_last}
    generator, discriminator = make_generator(settings).to(**layout), make_discriminator(settings).to(**layout)
    optimizers = [
        torch.optim.Adam(network.parameters(), LEARNING_RATE, (BETA_1, BETA_2), eps=1e-7, fused=True)
        for network in (generator, discriminator)
    ]
    shape = (settings.batch, settings.channels, settings.resolution, settings.resolution)
    real = (torch.rand(shape) * 2 - 1).to(**layout)

    def precision():
        return torch.autocast("cpu", torch.bfloat16, enabled=settings.precision == "mixed_bfloat16")

    def step():
        discriminator.requires_grad_(True)
        with precision():
            with torch.no_grad():
                fake = generator(torch.randn(settings.batch, LATENT_DIM))
            real_logits, fake_logits = discriminator(real).float(), discriminator(fake).float()
        discriminator_loss = torch.relu(1 - real_logits).mean() + torch.relu(1 + fake_logits).mean()
        optimizers[1].zero_grad()
        discriminator_loss.backward()
        optimizers[1].step()
        discriminator.requires_grad_(False)
        with precision():
            logits = discriminator(generator(torch.randn(settings.batch, LATENT_DIM))).float()
        generator_loss = -logits.mean()
        optimizers[0].zero_grad()
        generator_loss.backward()
        optimizers[0].step()
        return discriminator_loss.item(), generator_loss.item()

    trained = sum(weight.numel() for network in (generator, discriminator) for weight in network.parameters())
    return Contender(step, trained, {"torch": torch.__version__})
