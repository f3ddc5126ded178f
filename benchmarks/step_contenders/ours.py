"""This library, under Keras' `fit`."""

from step_contenders import BETA_1, BETA_2, LATENT_DIM, LEARNING_RATE, Contender, Settings, compiled_step, set_threads


def prepare(settings: Settings) -> Contender:
    """Returns the alternating step of `tfgan_tricks.training.GAN`, without averaging or terms."""
    set_threads(settings.threads)
    import keras
    import tensorflow as tf

    import tfgan_tricks as tt

    keras.config.set_dtype_policy(settings.precision)
    generator, discriminator = tt.architectures.sngan_cnn(
        resolution=settings.resolution, channels=settings.channels, latent_dim=LATENT_DIM, width=settings.width
    )
    gan = tt.training.GAN(tt.tasks.Unconditional(generator, discriminator, prior=tt.latents.Normal(LATENT_DIM)))
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(LEARNING_RATE, BETA_1, BETA_2),
        discriminator_optimizer=keras.optimizers.Adam(LEARNING_RATE, BETA_1, BETA_2),
        loss=tt.losses.adversarial.Hinge(),
        jit_compile=settings.jit_compile,
    )
    trained = sum(int(tf.size(weight)) for weight in gan.trainable_variables)
    versions = {"tfgan_tricks": tt.__version__, "keras": keras.__version__, "tensorflow": tf.__version__}
    return Contender(compiled_step(gan, settings), trained, versions)
